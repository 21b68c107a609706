// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../../contracts/interfaces/IDelegations.sol";
import {IOperatorStaking} from "../../../contracts/interfaces/IOperatorStaking.sol";
import {IProvisions as P} from "../../../contracts/interfaces/IProvisions.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While OperatorStaking moves tokens, no call of it that does can be entered. Attack 21 of the list in docs/contracts.md.
contract StakingReentrancyTest is Intrusion {
    uint40 private constant DEADLINE = type(uint40).max;
    uint32 private constant SERVICE = 1;

    uint32 private id;

    function setUp() public override {
        super.setUp();
        useHooks();
        doors = [
            P.stake.selector,
            P.stakeFor.selector,
            P.withdraw.selector,
            D.delegate.selector,
            D.delegateFor.selector,
            D.withdrawDelegation.selector,
            D.addRewards.selector,
            IOperatorStaking.slash.selector,
            ITokenCustody.claim.selector
        ];
        bytes memory create = abi.encodeCall(staking.createOperator, (bob, address(evil), address(0)));
        id = abi.decode(evil.act(address(staking), create), (uint32));
    }

    /// @dev The intruder does it.
    function does(bytes memory call) private {
        lurk(address(staking));
        evil.act(address(staking), call);
    }

    /// @dev It is shut, and holds so much.
    function holds(uint256 own, uint256 delegated) private view {
        shut();
        P.Provision memory p = staking.provision(id, SERVICE);
        eq(p.tokens, own, "staked");
        eq(p.delegated, delegated, "delegated");
        eq(token.balanceOf(address(staking)), own + delegated, "held");
    }

    /// @dev alice delegates, of whose rewards the operator's payee gets three tenths.
    function delegatedByAlice() private {
        evil.act(address(staking), abi.encodeCall(P.setTerms, (id, SERVICE, STAKE_THAW, MAXIMUM_CUT)));
        vm.prank(alice);
        staking.delegate(id, SERVICE, 100, 1);
    }

    /// @dev The intruder stakes 100, with this test as its court.
    function provisioned() private {
        evil.act(address(staking), abi.encodeCall(P.setAdjudicator, (id, SERVICE, address(this), true)));
        evil.act(address(staking), abi.encodeCall(P.stake, (id, SERVICE, 100)));
    }

    function test_attack21_reentrancyOfAStake() public {
        does(abi.encodeCall(P.stake, (id, SERVICE, 100)));
        holds(100, 0);
        lurk(address(staking));
        staking.stakeFor(address(evil), id, SERVICE, 50, DEADLINE, "");
        holds(150, 0);
        gained(-150);
    }

    function test_attack21_reentrancyOfAWithdrawnStake() public {
        does(abi.encodeCall(P.stake, (id, SERVICE, 100)));
        does(abi.encodeCall(P.thaw, (id, SERVICE, 60)));
        skip(STAKE_THAW);
        lurk(address(staking));
        staking.withdraw(id, SERVICE);
        holds(40, 0);
        gained(-40);
    }

    function test_attack21_reentrancyOfADelegator() public {
        does(abi.encodeCall(D.delegate, (id, SERVICE, 100, 0)));
        holds(0, 100);
        lurk(address(staking));
        staking.delegateFor(address(evil), id, SERVICE, 50, 0, DEADLINE, "");
        holds(0, 150);
        evil.act(address(staking), abi.encodeCall(D.undelegate, (id, SERVICE, 60e6)));
        skip(STAKE_THAW);
        lurk(address(staking));
        staking.withdrawDelegation(id, SERVICE, address(evil));
        holds(0, 90);
        gained(-90);
    }

    function test_attack21_reentrancyOfAPayeeOfRewards() public {
        delegatedByAlice();
        lurk(address(staking));
        vm.prank(alice);
        staking.addRewards(id, SERVICE, 100);
        holds(0, 170);
        gained(30);
    }

    function test_attack21_reentrancyOfWhoAddsRewards() public {
        delegatedByAlice();
        does(abi.encodeCall(D.addRewards, (id, SERVICE, 100)));
        holds(0, 170);
        gained(-70);
    }

    function test_attack21_reentrancyOfABeneficiary() public {
        provisioned();
        lurk(address(staking));
        staking.slash(id, SERVICE, 40, 20, address(evil));
        holds(60, 0);
        gained(-100 + 20);
        eq(token.balanceOf(BURNED), 20, "the rest is burned");
    }

    function test_attack21_reentrancyOfAClaim() public {
        provisioned();
        evil.setMood(Receiver.Mood.Reverting);
        staking.slash(id, SERVICE, 40, 20, address(evil));
        eq(staking.claimable(address(evil)), 20, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        lurk(address(staking));
        staking.claim(address(evil));
        holds(60, 0);
        gained(-100 + 20);
    }
}
