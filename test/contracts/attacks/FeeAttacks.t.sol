// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IHomeFees} from "../../../contracts/interfaces/IHomeFees.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {
    DenyToken,
    FeeToken,
    HookToken,
    Receiver,
    RoundingToken,
    SilentToken
} from "../support/HostileTokens.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {IMembershipRegistry as I} from "../../../contracts/interfaces/IMembershipRegistry.sol";
import {MembershipFixture} from "../support/MembershipFixture.sol";

/// Fees, and tokens that do not behave. Numbered like the list of attacks in docs/contracts.md.
contract FeeAttacksTest is MembershipFixture {
    uint32 private constant HOME = 1;
    address private payee;

    function setUp() public override {
        super.setUp();
        (payee, ) = account("payee");
    }

    function useToken(LocalToken hostile) private {
        deploy(IERC20(address(hostile)));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
    }

    function use(LocalToken hostile) private {
        use(hostile, payee);
    }

    function use(LocalToken hostile, address payee_) private {
        useToken(hostile);
        eq(goodOperator(payee_), HOME, "home");
    }

    function test_attack08_aPayeeThatTheTokenRefusesDoesNotBlockClaims() public {
        use(new DenyToken());
        DenyToken deny = DenyToken(address(token));
        deny.deny(payee, true, DenyToken.Manner.Revert);
        deny.deny(BURNED, true, DenyToken.Manner.False);
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM);
        registry.claimFees(list(id, alice));
        eq(registry.claimable(payee), 90 * FEE, "waits for the payee");
        eq(registry.claimable(BURNED), 10 * FEE, "what can't be burned stays out of reach");
        deny.deny(payee, false, DenyToken.Manner.Revert);
        registry.claim(payee);
        eq(token.balanceOf(payee), 90 * FEE, "paid in the end");
    }

    function test_attack21_batchesOfInexactTokensAreRefused() public {
        for (uint256 i = 0; i < 2; ++i) {
            useToken(i == 0 ? LocalToken(new FeeToken()) : LocalToken(new RoundingToken()));
            eq(newOperator(payee), HOME, "home, whose stake would be refused too");
            I.Registration[] memory many = new I.Registration[](2);
            many[0] = registration(1, 10, alice, HOME);
            many[1] = registration(2, 10, alice, HOME);
            vm.prank(alice);
            vm.expectPartialRevert(ITokenCustody.InexactTransfer.selector);
            registry.registerMany(many, ANY_PRICE);
        }
    }

    function test_attack21_aTokenWithoutAnswersStreamsFees() public {
        use(new SilentToken());
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM);
        eq(registry.claimFees(list(id, alice)), 90 * FEE, "paid");
        eq(token.balanceOf(payee), 90 * FEE, "to the payee");
    }

    /// An operator's payee that claims again while it is being paid.
    function test_attack21_reentrancyOfAPayee() public {
        Receiver evil = new Receiver();
        use(new HookToken(), address(evil));
        HookToken(address(token)).hook(address(evil));
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        uint256 other = joinAt(SECRET + 1, 100, alice, HOME);
        skip(TERM);
        evil.reenter(address(registry), abi.encodeCall(IHomeFees.claimFees, (list(other, alice))));
        registry.claimFees(list(id, alice));
        ok(!evil.reentered(), "the call back did not succeed");
        eq(
            bytes32(bytes4(evil.refusal())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "refused by the guard"
        );
        eq(token.balanceOf(address(evil)), 90 * FEE, "paid once");
    }

    /// A payer that registers again while its payment is being taken would be counted twice by balance difference.
    function test_attack21_reentrancyOfAPayer() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        fund(address(evil));
        evil.act(address(token), abi.encodeCall(token.approve, (address(registry), ANY_PRICE)));
        HookToken(address(token)).hook(address(evil));
        evil.reenter(address(registry), abi.encodeCall(I.register, (2, 10, bob, 0, ANY_PRICE)));
        evil.act(address(registry), abi.encodeCall(I.register, (1, 10, bob, 0, ANY_PRICE)));
        ok(!evil.reentered(), "the call back did not succeed");
        eq(registry.memberCount(), 1, "one member");
        eq(token.balanceOf(address(registry)), 10 * (uint256(DEPOSIT) + FEE), "one price");
    }

    /// Buying memberships of oneself costs a tenth of every fee, and the cap of the stake holds all the same.
    function test_attack05_anOperatorThatPaysItselfLosesATenth() public {
        use(new LocalToken(), mallory);
        uint256 id = joinAt(SECRET, 600, mallory, HOME);
        skip(TERM + GRACE + EXIT_DELAY + 1);
        registry.claimFees(list(id, mallory));
        registry.withdraw(id, mallory);
        eq(WEALTH - token.balanceOf(mallory), 60 * FEE, "a tenth of the fee is gone");
    }

    /// Changing homes in the second before an operator's slash saves it nothing.
    function test_attack15_whatIsOwedIsLostWithTheGoodStanding() public {
        use(new LocalToken(), mallory);
        uint256 id = joinAt(SECRET, 100, mallory, HOME);
        skip(TERM / 2);
        leaveCredit(HOME, 0); // so that it can claim nothing before
        setHome(id, mallory, 0); // into what is owed
        slashOperator(HOME);
        skip(1); // in which there is credit again
        eq(registry.claimOwed(HOME), 0, "not paid");
        eq(feesBurned(), 50 * FEE, "burned");
    }

    function test_attack22_longPrepaidTermsDoNotOverflow() public {
        use(new LocalToken());
        uint256 id = joinAt(SECRET, 600, alice, HOME);
        for (uint256 i = 0; i < 50; ++i) renew(id, alice);
        skip(51 * uint256(TERM));
        eq(registry.accruedFees(id, alice), 51 * 600 * uint256(FEE), "51 terms");
        eq(registry.claimFees(list(id, alice)), (51 * 600 * uint256(FEE) * 9) / 10, "nine tenths of them");
    }

    function test_attack22_aFeeNearTheLimitOfItsTypeDoesNotOverflow() public {
        useToken(new LocalToken());
        I.Params memory p = params();
        (p.depositPerMessage, p.feePerMessage) = (type(uint96).max, type(uint96).max);
        useRegistry(p);
        (uint256 deposit, uint256 fee) = registry.price(600);
        eq(deposit + fee, 1_200 * uint256(type(uint96).max), "price");
        LocalToken(address(token)).mint(alice, 2 * (deposit + fee));
        mostStake(newOperator(payee));
        uint256 id = joinAt(SECRET, 600, alice, HOME);
        uint256 burning = join(SECRET + 1, 600, alice);
        skip(TERM);
        registry.claimFees(list(burning, alice));
        eq(token.balanceOf(BURNED), fee, "all of a fee, at once");

        uint256 credit = creditOf(HOME);
        eq(
            registry.claimFees(list(id, alice)),
            0,
            "the credit of the largest stake is less than a second of it"
        );
        eq(registry.accruedFees(id, alice), fee, "which goes on");
        setHome(id, alice, 0);
        eq(registry.claimOwed(HOME), credit, "and is claimed to the unit once it is owed");
        (uint256 owed, ) = registry.owed(HOME);
        eq(fee - owed - credit, (fee - owed) / 10, "nine tenths of what left");
    }

    /// @dev Stakes for `home` as much as fits, and waits for the credit of it.
    function mostStake(uint32 home) private {
        uint128 most = type(uint88).max;
        LocalToken(address(token)).mint(bob, most);
        vm.prank(bob);
        staking.stake(home, 0, most);
        skip(CREDIT_SECONDS);
    }

    /// A claim costs the same however many members there are, and a list as long as its caller made it.
    function test_attack24_aClaimCostsWhatItsListCosts() public {
        use(new LocalToken());
        uint256 one = joinAt(SECRET, 10, alice, HOME);
        skip(10);
        registry.claimFees(list(one, alice));
        uint256 first = claimGas(one);
        for (uint256 i = 1; i <= 40; ++i) joinAt(SECRET + i, 10, alice, HOME);
        ok(claimGas(one) <= first + 500, "the same with forty members more");
    }

    function claimGas(uint256 id) private returns (uint256 gas) {
        skip(10);
        IHomeFees.Key[] memory keys = list(id, alice);
        gas = gasleft();
        registry.claimFees(keys);
        gas -= gasleft();
    }

    /// No operator, in good standing or not, stands between a holder and its deposit.
    function test_attack25_operatorsCannotHoldADeposit() public {
        use(new LocalToken());
        uint256 id = joinAt(SECRET, 100, alice, HOME);
        skip(TERM / 2);
        endGoodStanding(HOME);
        exit(id, alice);
        skip(EXIT_DELAY);
        registry.withdraw(id, alice);
        eq(token.balanceOf(alice), WEALTH - 100 * FEE, "the deposit is back");
        setHome(id, alice, 0); // and the fee need not stay where nobody can claim it
        registry.claimOwed(0);
        ok(token.balanceOf(BURNED) > 50 * FEE, "burned");
    }
}
