// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IArbitrator} from "../../interfaces/IErc792.sol";
import {IErc792Adapter} from "../../interfaces/IErc792Adapter.sol";
import {IEscrow} from "../../interfaces/IEscrow.sol";
import {ITokenCustody} from "../../interfaces/ITokenCustody.sol";

/// @title Brings an arbitrator of ERC-792 in as the arbiter of deals
contract Erc792Adapter is IErc792Adapter, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint8 private constant PAYER_WINS = 1;
    uint8 private constant PAYEE_WINS = 2;

    /// @inheritdoc IErc792Adapter
    IEscrow public immutable escrow;
    /// @inheritdoc IErc792Adapter
    IArbitrator public immutable arbitrator;

    /// @inheritdoc IErc792Adapter
    bytes public extraData;
    /// @inheritdoc IErc792Adapter
    mapping(address account => uint256) public owed;
    mapping(uint256 disputeId => Dispute) private _disputes;
    /// @dev One more than the dispute's id, so that 0 says there is none.
    mapping(bytes32 deal => uint256) private _disputeOf;

    constructor(IEscrow escrow_, IArbitrator arbitrator_, bytes memory extraData_) {
        escrow = escrow_;
        arbitrator = arbitrator_;
        extraData = extraData_;
    }

    /// @inheritdoc IErc792Adapter
    function requestArbitration(
        IEscrow.Terms calldata terms
    ) external payable nonReentrant returns (uint256 disputeId) {
        bytes32 deal = escrow.dealId(terms);
        if (terms.arbiter != address(this)) revert NotTheArbiter(deal, terms.arbiter);
        IEscrow.State state = escrow.deal(deal).state;
        if (state != IEscrow.State.Disputed) revert NotDisputed(deal, state);
        if (_disputeOf[deal] != 0) revert AlreadyRequested(deal);
        uint256 price = cost();
        if (msg.value != price) revert WrongCost(msg.value, price);

        disputeId = arbitrator.createDispute{value: price}(PAYEE_WINS, extraData);
        // An arbitrator that gives one id twice would let one ruling decide two deals.
        if (_disputes[disputeId].deal != 0) revert AlreadyRequested(_disputes[disputeId].deal);
        _disputes[disputeId] = Dispute(deal, msg.sender, false, 0);
        _disputeOf[deal] = disputeId + 1;
        emit ArbitrationRequested(deal, disputeId, msg.sender);
    }

    /// @dev Only notes the ruling, so that nothing about the deal can stop the arbitrator's transaction.
    function rule(uint256 disputeId, uint256 ruling) external nonReentrant {
        if (msg.sender != address(arbitrator)) revert NotTheArbitrator(msg.sender);
        Dispute storage d = _disputes[disputeId];
        if (d.deal == 0) revert UnknownDispute(disputeId);
        if (d.isRuled) revert AlreadyRuled(disputeId);
        if (ruling > PAYEE_WINS) revert BadRuling(ruling);
        (d.isRuled, d.ruling) = (true, uint8(ruling));
        emit Ruling(arbitrator, disputeId, ruling);
    }

    /// @inheritdoc IErc792Adapter
    function execute(IEscrow.Terms calldata terms) external nonReentrant {
        bytes32 deal = escrow.dealId(terms);
        uint256 number = _disputeOf[deal];
        if (number == 0) revert NotRequested(deal);
        Dispute memory d = _disputes[number - 1];
        if (!d.isRuled) revert NotRuled(deal);
        if (d.ruling != PAYER_WINS && d.ruling != PAYEE_WINS) revert Refused(deal);

        uint128 left = escrow.deal(deal).left;
        uint128 fee = terms.bond == 0 && terms.arbiterFee > left ? left : terms.arbiterFee;
        owed[d.requester] += fee;
        emit RulingExecuted(deal, d.ruling, fee);

        // The escrow refuses if the deal is closed, or the ruling window over.
        uint128 available = terms.bond == 0 ? left - fee : left;
        escrow.rule(terms, d.ruling == PAYEE_WINS ? available : 0);
    }

    /// @inheritdoc IErc792Adapter
    function withdraw(address account) external nonReentrant returns (uint256 amount) {
        amount = owed[account];
        if (amount == 0) revert ITokenCustody.NothingToClaim(account);
        owed[account] = 0;
        ITokenCustody custody = ITokenCustody(address(escrow));
        // A payment that the token refused at first waits in the escrow.
        if (custody.claimable(address(this)) != 0) custody.claim(address(this));
        custody.token().safeTransfer(account, amount);
    }

    /// @inheritdoc IErc792Adapter
    function disputes(uint256 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IErc792Adapter
    function cost() public view returns (uint256) {
        return arbitrator.arbitrationCost(extraData);
    }
}
